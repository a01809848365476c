import { allRequests } from '@sallyport/contracts';
import { permissionsOf } from '@sallyport/messaging/deployment';
import { describe, expect, it } from 'vitest';
import { permittedRequests, requestOf } from './permitted-requests.js';

const rows = Object.values(permittedRequests);
const contracts = allRequests.filter(({ subject }) => subject.startsWith('secret-broker.credential.'));
const services = ['api', 'asset', 'audit', 'secret-broker', 'session'] as const;

describe('B11: the table of what the broker does with a credential', () => {
  it('has a row for each contract on credentials, and no other', () => {
    expect(rows.map(({ contract }) => contract.subject).sort()).toEqual(contracts.map(({ subject }) => subject).sort());
    for (const contract of contracts) expect(requestOf(contract)).toBeDefined();
    const others = allRequests.filter((contract) => !contracts.includes(contract));
    for (const contract of others) expect(requestOf(contract)).toBeUndefined();
  });

  it.each(rows)('names the one caller whom the contract and the NATS server let ask: $contract.subject', (row) => {
    expect(row.contract.callers).toEqual([row.caller]);
    const { subject } = row.contract;
    const mayAsk = services.filter((service) =>
      permissionsOf(service).publish.allow.some((allowed) => allowed === subject || allowed === `${subject}.*`),
    );
    expect(mayAsk).toEqual([row.caller]);
  });

  it('leads from a state to the next, and to three attempts and two signatures of each at most', () => {
    expect(
      Object.entries(permittedRequests).map(([name, { from, to, atMost, per }]) => [name, from, to, atMost, per]),
    ).toEqual([
      ['prepare', ['unknown'], 'prepared', 1, 'grant'],
      ['open', ['prepared'], 'opened', 1, 'grant'],
      ['sign', ['opened'], 'opened', 2, 'version'],
      ['refresh', ['opened'], 'opened', 2, 'grant'],
      ['release', ['unknown', 'prepared', 'opened'], 'unknown', Infinity, 'grant'],
    ]);
  });
});
