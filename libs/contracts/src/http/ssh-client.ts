import { z } from 'zod';
import { ListTargetsV1 } from '../bus/targets.v1.js';
import { answeredBy, defineRoute } from './define-route.js';

export const SshConfigRoute = defineRoute({
  ...answeredBy(ListTargetsV1),
  method: 'GET',
  path: '/v1/me/ssh-config',
  summary: 'The caller’s targets for OpenSSH: a file to Include in ~/.ssh/config, after which `ssh HOST` is enough.',
  reply: z.string(),
  stream: 'text/plain',
  status: 200,
});

export const KnownHostsRoute = defineRoute({
  method: 'GET',
  path: '/v1/me/known-hosts',
  summary: 'The bastion’s own host keys, as lines of known_hosts.',
  roles: 'any',
  reply: z.string(),
  stream: 'text/plain',
  status: 200,
  errors: [],
});
