import { z } from 'zod';

/** The ways to a target that do the same work in the same run. */
export const wayNames = ['direct', 'jump', 'bare', 'sallyport'] as const;
export type WayName = (typeof wayNames)[number];

/** As people read them. */
export const titles: Readonly<Record<WayName, string>> = {
  direct: 'direct',
  jump: 'ssh -J',
  bare: 'bare ssh2',
  sallyport: 'Sallyport',
};

const Samples = z.array(z.number());
const Metric = z.object({
  /** `logon`, `bulk down`… */
  name: z.string(),
  unit: z.string(),
  better: z.enum(['less', 'more']),
  /** As measured, in order; a way that has no such figure is left out. */
  samples: z.object({
    direct: Samples.optional(),
    jump: Samples.optional(),
    bare: Samples.optional(),
    sallyport: Samples.optional(),
  }),
});
export type Metric = z.infer<typeof Metric>;

/** What a run leaves in its JSON file. */
export const Results = z.object({
  takenAt: z.iso.datetime(),
  command: z.string(),
  commit: z.string(),
  machine: z.object({ cpu: z.string(), cores: z.int(), memoryGiB: z.number(), load: z.number() }),
  versions: z.object({ node: z.string(), openssh: z.string() }),
  metrics: z.array(Metric),
});
export type Results = z.infer<typeof Results>;
