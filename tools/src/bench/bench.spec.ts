import { describe, expect, it } from 'vitest';
import { readSettings } from '../settings.js';
import { readAuditOptions } from './audit/options.js';
import { ratio, regressions } from './compare.js';
import { flameGraph, foldStacks } from './flame-graph.js';
import { partNames, readOptions } from './options.js';
import { describeRegressions, table } from './report.js';
import type { Metric } from './results.js';
import { stackEnvironment } from './stack-environment.js';
import { median, quantile, relativeNoise } from './statistics.js';

describe('options of the bench', () => {
  it('measures everything unless told', () => {
    expect(readOptions([])).toMatchObject({ parts: partNames, rounds: 7, sizeMiB: 256, json: undefined });
  });

  it('takes parts, sizes and files', () => {
    const options = readOptions(['--parts', 'sftp,logon', '--size=64', '--json', 'x.json'], {
      SALLYPORT_E2E_HOME: '/h',
    });
    expect(options).toMatchObject({ parts: ['logon', 'sftp'], sizeMiB: 64, json: 'x.json', home: '/h' });
  });

  it.each([
    [['--parts', 'bulk,magic'], 'there is no part magic'],
    [['--rounds', '0'], '--rounds must be a whole number'],
    [['--speed', '9'], "Unknown option '--speed'"],
  ])('names what is wrong in %j', (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});

describe('the Sallyport that is measured', () => {
  it('has place for the sessions that are held open, and its usual limit where that is enough', () => {
    expect(stackEnvironment(readOptions([]))['SESSION_MAX_SESSIONS']).toBeUndefined();
    const environment = stackEnvironment(readOptions(['--idle', '10000', '--packet', '65536']));
    expect(Number(environment['SESSION_MAX_SESSIONS'])).toBeGreaterThan(10_020);
    // These are handed on to the service.
    expect(readSettings(environment).session).toEqual({
      SESSION_MAX_SESSIONS: environment['SESSION_MAX_SESSIONS'],
      SESSION_PACKET_BYTES: '65536',
    });
  });
});

describe('options of the bench of the log', () => {
  it('has a size of its own for what is published and what is there', () => {
    expect(readAuditOptions([])).toEqual({ published: 100_000, events: 200_000, questions: 100 });
    expect(readAuditOptions(['--events', '10000000'])).toMatchObject({ events: 10_000_000 });
  });

  it.each([
    [['--events', '1e7'], '--events must be a whole number'],
    [['--published', '0'], '--published must be a whole number'],
    [['--size', '9'], "Unknown option '--size'"],
  ])('names what is wrong in %j', (args, message) => {
    expect(() => readAuditOptions(args)).toThrow(message);
  });
});

describe('statistics of the bench', () => {
  it('finds medians and quantiles whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(quantile([0, 10], 0.99)).toBeCloseTo(9.9);
    expect(() => median([])).toThrow('no samples');
  });

  it('sees noise where samples differ, and is not moved by one that stands out', () => {
    expect(relativeNoise([5, 5, 5, 5])).toBe(0);
    expect(relativeNoise([5, 5, 5, 5, 500])).toBe(0);
    expect(relativeNoise([8, 12, 8, 12])).toBeCloseTo(0.186, 2);
  });
});

const metric = (name: string, better: 'less' | 'more', jump: number[], sallyport: number[]): Metric => ({
  name,
  unit: 'x',
  better,
  samples: { jump, sallyport },
});

describe('comparison with an earlier run', () => {
  it('tells what became worse relative to OpenSSH, and nothing else', () => {
    const before = [
      metric('logon', 'less', [10, 10, 10], [5, 5, 5]),
      metric('bulk', 'more', [10, 10, 10], [20, 20, 20]),
      metric('gone', 'more', [1], [1]),
    ];
    const now = [
      metric('logon', 'less', [20, 20, 20], [10, 10, 10]),
      metric('bulk', 'more', [10, 10, 10], [10, 10, 10]),
    ];
    expect(regressions(before, now)).toEqual([{ name: 'bulk', before: 2, now: 1, worseBy: 1, noise: 0.05 }]);
    expect(describeRegressions(regressions(before, now))).toContain('bulk: 2.00 → 1.00, worse by 100 %');
  });

  it('takes what noise explains for chance', () => {
    const before = [metric('logon', 'less', [10, 10, 10, 10], [5, 5, 5, 5])];
    const noisy = [metric('logon', 'less', [10, 10, 10, 10], [4, 7, 5, 7])];
    expect(regressions(before, noisy)).toEqual([]);
    const steady = [metric('logon', 'less', [10, 10, 10, 10], [6, 6, 6, 6])];
    expect(regressions(before, steady)).toMatchObject([{ name: 'logon' }]);
  });

  it('lets figures of one or two samples, whose noise nobody knows, be worse by a quarter', () => {
    const one = (jump: number[], sallyport: number[]) => [metric('memory', 'less', jump, sallyport)];
    expect(regressions(one([10], [10]), one([10], [12.4]))).toEqual([]);
    expect(regressions(one([10], [10]), one([10], [12.6]))).toMatchObject([{ name: 'memory', noise: 0.25 }]);
    // Few on one side are enough, in either run.
    const many = [10, 10, 10, 10];
    expect(regressions(one(many, many), one([10, 10], [12, 12, 12]))).toEqual([]);
    expect(regressions(one(many, many), one(many, [12, 12, 12]))).toMatchObject([{ noise: 0.05 }]);
  });

  it('compares the figure itself where OpenSSH has none', () => {
    const only = (sallyport: number[]): Metric => ({ name: 'cpu', unit: 's', better: 'less', samples: { sallyport } });
    expect(regressions([only([1])], [only([3])])).toMatchObject([{ before: 1, now: 3 }]);
    expect(ratio(only([1]), 'jump')).toBeUndefined();
  });
});

describe('what the bench writes', () => {
  it('shows medians and ratios, and leaves out what there is not', () => {
    const rows = table([metric('logon', 'less', [0.5, 0.4, 0.6], [0.25, 0.2, 0.3])]).split('\n');
    expect(rows[2]?.split('|').map((cell) => cell.trim())).toEqual([
      '',
      'logon',
      'x',
      '',
      '0.500',
      '0.250',
      '',
      '0.50',
      '3',
      '',
    ]);
  });

  it('draws a profile without idle time, equal stacks as one frame', () => {
    const frame = (functionName: string) => ({ functionName, url: '', lineNumber: 0 });
    const profile = {
      nodes: [
        { id: 1, callFrame: frame('(root)'), children: [2, 4] },
        { id: 2, callFrame: frame('relay'), children: [3] },
        { id: 3, callFrame: frame('<encrypt>') },
        { id: 4, callFrame: frame('(idle)') },
      ],
      samples: [3, 4, 3, 2],
      timeDeltas: [10, 1_000, 20, 30],
    };
    const folded = foldStacks(profile);
    expect(folded.microseconds).toBe(60);
    expect(folded.children.get('relay')).toMatchObject({ microseconds: 60 });
    expect(folded.children.get('relay')?.children.get('<encrypt>')).toMatchObject({ microseconds: 30 });
    expect(flameGraph(profile, 'bulk')).toContain('&#60;encrypt&#62; 50.0 %');
  });
});
