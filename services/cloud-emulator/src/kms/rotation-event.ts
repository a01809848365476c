import { z } from 'zod';

/** What CloudMonitor hears of a rotation, reference 3.2. */
export const RotationEvent = z.object({
  name: z.enum(['Secret:RotateSecret:Success', 'Secret:RotateSecret:Failure']),
  level: z.enum(['INFO', 'CRITICAL']),
  content: z.object({
    eventId: z.string(),
    secretName: z.string(),
    secretType: z.literal('ECS'),
    secretSubType: z.enum(['Password', 'SSHKey']),
    /** What the credential is of. */
    rotationEntityArn: z.string(),
    rotationStatus: z.enum(['Enabled', 'Disabled', 'Invalid']),
    successTime: z.string().optional(),
    failureTime: z.string().optional(),
    failureInfo: z.object({ errorCode: z.string(), errorMessage: z.string() }).optional(),
  }),
});
export type RotationEvent = z.infer<typeof RotationEvent>;
