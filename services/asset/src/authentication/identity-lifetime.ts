import { userPart } from './evidence.js';

/** From the logon at the bastion to the choice of a target, where the user name has one. */
const NAMED_SECONDS = 120;
/** Where it has none: as long as somebody may stand before the menu, or open targets through `ssh -J`. */
const LOBBY_SECONDS = 12 * 3_600;

/**
 * How long an identity is good. What was signed, or what the password was given for, decides: a name without a target is for
 * choosing targets later. Each choice is judged anew, by what the user is and may do then.
 */
export function identityLifetimeSeconds(sshUserName: string): number {
  return userPart(sshUserName) === sshUserName ? LOBBY_SECONDS : NAMED_SECONDS;
}
