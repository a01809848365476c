import { describe, expect, it } from 'vitest';
import { mergeMetrics } from './merge-metrics.js';

const said = (count: number): string => `# HELP sessions Sessions
# TYPE sessions gauge
sessions ${count}

# HELP refused Refused
# TYPE refused counter
refused_total{reason="a } b",le="+Inf"} 2 1700000000000
`;

describe('mergeMetrics', () => {
  it('has each family once, and each sample with the process that it is of', () => {
    const texts = new Map([
      ['1', said(3)],
      ['2', said(4)],
    ]);
    expect(mergeMetrics(texts)).toBe(`# HELP sessions Sessions
# TYPE sessions gauge
sessions{process="1"} 3
sessions{process="2"} 4

# HELP refused Refused
# TYPE refused counter
refused_total{reason="a } b",le="+Inf",process="1"} 2 1700000000000
refused_total{reason="a } b",le="+Inf",process="2"} 2 1700000000000
`);
  });

  it('has nothing to say of processes that say nothing', () => {
    expect(mergeMetrics(new Map([['1', '']]))).toBe('');
  });
});
