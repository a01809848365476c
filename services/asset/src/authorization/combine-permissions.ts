import { RecordInput } from '@sallyport/contracts';
import type { Authorization, ProtocolPolicy, SessionLimits } from '@sallyport/contracts';

/** What a session may do, and for how long. */
export type Permissions = Pick<Authorization, 'policy' | 'limits'>;

/**
 * What several live authorizations for one account permit together. Each is a permission in itself, so a switch is on when any of
 * them turns it on. A limit is a condition, and a further permission is no way around it: the shortest holds (Teleport combines the
 * options of roles in the same way). So is what is recorded: the most that any of them asks for.
 */
export function combinePermissions([first, ...others]: readonly [Permissions, ...Permissions[]]): Permissions {
  return others.reduce<Permissions>(
    (sum, one) => ({ policy: unite(sum.policy, one.policy), limits: tighten(sum.limits, one.limits) }),
    { policy: first.policy, limits: first.limits },
  );
}

function unite(one: ProtocolPolicy, other: ProtocolPolicy): ProtocolPolicy {
  const most = (input: RecordInput): number => RecordInput.options.indexOf(input);
  const recordInput = most(one.recordInput) > most(other.recordInput) ? one.recordInput : other.recordInput;
  return { ...anyOf(one, other), files: anyOf(one.files, other.files), recordInput };
}

/** Every switch that is on in either. */
function anyOf<T extends object>(one: T, other: T): T {
  const on = Object.entries(other).filter(([, value]) => value === true);
  return { ...one, ...Object.fromEntries(on) };
}

function tighten(one: SessionLimits, other: SessionLimits): SessionLimits {
  const shorter = Object.entries(other).filter(([name, seconds = Infinity]) => {
    return seconds < (one[name as keyof SessionLimits] ?? Infinity);
  });
  return { ...one, ...Object.fromEntries(shorter) };
}
