/** What we read of a `.cpuprofile` (Chrome DevTools protocol, Profiler.Profile). */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] }[];
  /** The node at the top of the stack, sample by sample. */
  samples?: number[];
  /** Microseconds between a sample and the one before. */
  timeDeltas?: number[];
}

interface Frame {
  name: string;
  microseconds: number;
  children: Map<string, Frame>;
}

const WIDTH = 1_600;
const ROW = 17;
/** Narrower frames cannot be seen. */
const THINNEST = 0.3;

/** A flame graph as an SVG of its own: the wider a frame, the more time was spent in it and in what it called. */
export function flameGraph(profile: CpuProfile, title: string): string {
  const all = foldStacks(profile);
  const shapes: string[] = [];
  let depth = 0;
  const draw = (frame: Frame, x: number, level: number): void => {
    const width = (frame.microseconds / all.microseconds) * WIDTH;
    if (width < THINNEST) return;
    depth = Math.max(depth, level);
    shapes.push(shape(frame, x, level, width, frame.microseconds / all.microseconds));
    let at = x;
    for (const child of [...frame.children.values()].sort((a, b) => b.microseconds - a.microseconds)) {
      draw(child, at, level + 1);
      at += (child.microseconds / all.microseconds) * WIDTH;
    }
  };
  draw(all, 0, 1);
  const height = (depth + 2) * ROW;
  const style = '<style>text{font:11px monospace;pointer-events:none}rect{stroke:#fff;stroke-width:.5}</style>';
  const heading = `<text x="4" y="12">${escape(title)}: ${(all.microseconds / 1e6).toFixed(1)} s on the processor</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}">${style}${heading}\n${shapes.join('\n')}\n</svg>\n`;
}

/** Adds up equal stacks. Time in which the process had nothing to do is left out. */
export function foldStacks({ nodes, samples = [], timeDeltas = [] }: CpuProfile): Frame {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const all: Frame = { name: 'all', microseconds: 0, children: new Map() };
  samples.forEach((leaf, i) => {
    const stack: string[] = [];
    for (let id: number | undefined = leaf; id !== undefined; id = parents.get(id)) {
      const node = byId.get(id);
      if (node) stack.unshift(nameOf(node.callFrame));
    }
    if (stack.at(-1) === '(idle)' || stack.at(-1) === '(program)') return;
    let frame = all;
    const spent = timeDeltas[i] ?? 0;
    frame.microseconds += spent;
    for (const name of stack.slice(1)) {
      const child = frame.children.get(name) ?? { name, microseconds: 0, children: new Map<string, Frame>() };
      frame.children.set(name, child);
      child.microseconds += spent;
      frame = child;
    }
  });
  return all;
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const file = url.split('/').slice(-2).join('/');
  return `${functionName || '(anonymous)'}${file === '' ? '' : ` ${file}:${lineNumber + 1}`}`;
}

function shape({ name }: Frame, x: number, level: number, width: number, share: number): string {
  const y = level * ROW;
  const label = width > 40 ? escape(name.slice(0, Math.floor(width / 7))) : '';
  const hue = Array.from(name).reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % 50;
  const box = `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 1}" fill="hsl(${hue},80%,65%)"/>`;
  const tip = `<title>${escape(name)} ${(share * 100).toFixed(1)} %</title>`;
  return `<g>${tip}${box}<text x="${(x + 3).toFixed(1)}" y="${y + 12}">${label}</text></g>`;
}

const escape = (text: string): string => text.replace(/[<>&"]/g, (sign) => `&#${sign.codePointAt(0) ?? 63};`);
