import { randomUUID } from 'node:crypto';

/** The name of this process among the replicas of its service; new at every start. */
export const replicaId: string = randomUUID();
