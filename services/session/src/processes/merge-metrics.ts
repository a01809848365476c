/** `name{labels} value`; a label may hold any sign, so the last brace ends them. */
const SAMPLE = /^(?<name>[A-Za-z_:][\w:]*)(?:\{(?<labels>.*)\})? (?<value>\S.*)$/;

/**
 * What several processes say to Prometheus (text format 0.0.4), as one text: each sample with a label `process`, each family
 * once, with the words that the first process has for it.
 * @param texts by the process that said it
 */
export function mergeMetrics(texts: ReadonlyMap<string, string>): string {
  const families = new Map<string, { about: Set<string>; samples: string[] }>();
  for (const [process, text] of texts) {
    let current = { about: new Set<string>(), samples: [] as string[] };
    for (const line of text.split('\n')) {
      const family = /^# (?:HELP|TYPE|UNIT) (?<name>\S+)/.exec(line)?.groups?.['name'];
      if (family !== undefined) {
        current = families.get(family) ?? { about: new Set(), samples: [] };
        families.set(family, current);
        current.about.add(line);
      } else {
        const sample = labelled(line, process);
        if (sample !== undefined) current.samples.push(sample);
      }
    }
  }
  return [...families.values()].flatMap(({ about, samples }) => [...about, ...samples, '']).join('\n');
}

function labelled(line: string, process: string): string | undefined {
  const { name, labels, value } = SAMPLE.exec(line)?.groups ?? {};
  if (name === undefined || value === undefined) return undefined;
  const own = `process="${process}"`;
  return `${name}{${labels ? `${labels},${own}` : own}} ${value}`;
}
