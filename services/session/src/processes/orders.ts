import { z } from 'zod';

/** What a process of a group says when it is ready. */
export const Ready = z.object({ healthPort: z.int() });
export type Ready = z.infer<typeof Ready>;

/** How many sessions it has, each time that changes… */
export const Sessions = z.object({ sessions: z.int().min(0) });
export type Sessions = z.infer<typeof Sessions>;

/** …and how many all others have, which it is told then. */
export const Elsewhere = z.object({ elsewhere: z.int().min(0) });
export type Elsewhere = z.infer<typeof Elsewhere>;

/** What it is told when it is to end, once and again; with the reason, for the log. */
export const End = z.object({ end: z.string() });
export type End = z.infer<typeof End>;
