import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An instance in the form of DescribeInstances. */
export const describedInstance = (instanceId: string, fields: object = {}): object => ({
  InstanceId: instanceId,
  InstanceName: instanceId,
  RegionId: 'cn-hangzhou',
  OSType: 'linux',
  Status: 'Running',
  VpcAttributes: { PrivateIpAddress: { IpAddress: ['10.0.0.1'] } },
  Tags: { Tag: [] },
  ...fields,
});

/** An HTTP server that answers the real SDK's DescribeInstances with what the test says. */
export class CloudStub {
  /** Answers, used up from the first on; then `instances` is filtered as the cloud would. */
  readonly scripted: { status: number; body: object }[] = [];
  instances: object[] = [];
  /** Where it refuses every call. */
  brokenRegion: string | undefined;
  /** Whether the caller may see instances: if not, lists are empty, and a dry run says so. */
  permits = true;
  /** Of each request, oldest first. */
  readonly requests: URLSearchParams[] = [];
  readonly #server = createServer((request, response) => {
    this.#answer(request, response);
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
    this.requests.push(query);
    const { status, body } = this.scripted.shift() ?? this.#refusal(query) ?? { status: 200, body: this.#page(query) };
    response.writeHead(status, { 'content-type': 'application/json;charset=utf-8' }).end(JSON.stringify(body));
  }

  #refusal(query: URLSearchParams): { status: number; body: object } | undefined {
    if (query.get('RegionId') === this.brokenRegion) return { status: 404, body: { Code: 'InvalidRegionId.NotFound' } };
    if (query.get('DryRun') !== 'true') return undefined;
    const [status, Code] = this.permits ? [400, 'DryRunOperation'] : [403, 'Forbidden.RAM'];
    return { status, body: { Code, Message: 'no', RequestId: 'A2' } };
  }

  #page(query: URLSearchParams): object {
    const ids = query.get('InstanceIds');
    const wanted = ids === null ? undefined : (JSON.parse(ids) as string[]);
    const all = (this.permits ? this.instances : []).filter(
      (instance) => wanted?.includes((instance as { InstanceId: string }).InstanceId) ?? true,
    );
    const start = Number(query.get('NextToken') ?? 0);
    const size = Math.min(Math.max(Number(query.get('MaxResults') ?? 10), 10), 100);
    const next = start + size < all.length ? String(start + size) : '';
    return {
      RequestId: 'A1',
      Instances: { Instance: all.slice(start, start + size) },
      NextToken: next,
      TotalCount: all.length,
      PageNumber: 1,
      PageSize: size,
    };
  }
}
