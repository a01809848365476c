import { fileURLToPath } from 'node:url';

/** The program that does on a test host what Cloud Assistant's plug-in does in the cloud; see there. */
export const cloudAssistant = fileURLToPath(new URL('../../cloud-assistant.mjs', import.meta.url));
