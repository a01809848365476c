import { AddressList } from '@sallyport/addresses';
import type { CertificateClaims, EventData, SessionRestrictions, UserAuthenticationFailed } from '@sallyport/contracts';
import type { ProtocolPolicy } from '@sallyport/contracts';
import type { Certificate } from '@sallyport/ssh-keys';
import { fingerprint, readOptionText, SshFormatError } from '@sallyport/ssh-keys';

/** For auditors; the user never learns it. */
export type CertificateFlaw = Extract<
  EventData<typeof UserAuthenticationFailed>['reason'],
  | 'malformed'
  | 'unknown-authority'
  | 'bad-certificate'
  | 'host-certificate'
  | 'certificate-not-yet-valid'
  | 'certificate-expired'
  | 'certificate-revoked'
  | 'wrong-principal'
  | 'denied-source'
  | 'unknown-critical-option'
>;

/** What a certificate asks for, and what it holds its user to. */
export interface CertificateTerms {
  readonly claims: CertificateClaims;
  /** Networks of `source-address`; undefined when it may be used from everywhere. */
  readonly sources: AddressList | undefined;
  /** An authenticator must have seen a PIN or a fingerprint. */
  readonly verificationRequired: boolean;
}

/** It becomes part of tokens, which are limited. */
const FORCE_COMMAND_LIMIT_BYTES = 4_096;
/** The last moment that a `Date` can hold. */
const LAST_SECOND = 8_640_000_000_000n;

/**
 * Whom and when a certificate is for, whoever signed it. The principal is the name of the user, to the letter, and there must be
 * one: a certificate without principals, which OpenSSH's `ssh-keygen` makes unless told, is good for nobody.
 */
export function whyNotFor(certificate: Certificate, username: string, now: Date): CertificateFlaw | undefined {
  if (certificate.kind !== 'user') return 'host-certificate';
  if (!certificate.principals.includes(username)) return 'wrong-principal';
  const seconds = BigInt(Math.floor(now.getTime() / 1_000));
  if (seconds < certificate.validAfter) return 'certificate-not-yet-valid';
  return seconds >= certificate.validBefore ? 'certificate-expired' : undefined;
}

/**
 * Critical options and extensions (OpenSSH's PROTOCOL.certkeys). A critical option that is not known here makes the whole good for
 * nothing; an extension that is not known grants nothing. `no-touch-required` is not granted: somebody always touches a key.
 */
export function termsOf(certificate: Certificate): CertificateTerms | CertificateFlaw {
  try {
    const { serial, keyId, validBefore, authorityBlob } = certificate;
    const { sources, verificationRequired, forceCommand, unknown } = readCritical(certificate);
    if (unknown) return 'unknown-critical-option';
    const claims: CertificateClaims = {
      authority: fingerprint(authorityBlob),
      serial: String(serial),
      keyId,
      ...(validBefore < LAST_SECOND && { validUntil: new Date(Number(validBefore) * 1_000).toISOString() }),
      permits: {
        terminal: permits(certificate, 'permit-pty'),
        portForwarding: permits(certificate, 'permit-port-forwarding'),
        agentForwarding: permits(certificate, 'permit-agent-forwarding'),
        x11Forwarding: permits(certificate, 'permit-X11-forwarding'),
      },
      ...(forceCommand !== undefined && { forceCommand }),
    };
    return { claims, sources, verificationRequired };
  } catch (error) {
    if (error instanceof SshFormatError || error instanceof RangeError) return 'malformed';
    throw error;
  }
}

/** What is left of a policy: a switch that the certificate does not permit is off, and no policy turns it on. */
export function restrictPolicy(policy: ProtocolPolicy, certificate: CertificateClaims | undefined): ProtocolPolicy {
  if (!certificate) return policy;
  const { portForwarding, agentForwarding, x11Forwarding } = certificate.permits;
  return {
    ...policy,
    localForward: policy.localForward && portForwarding,
    remoteForward: policy.remoteForward && portForwarding,
    streamlocal: policy.streamlocal && portForwarding,
    agent: policy.agent && agentForwarding,
    x11: policy.x11 && x11Forwarding,
  };
}

export function restrictionsOf(certificate: CertificateClaims | undefined): SessionRestrictions | undefined {
  if (!certificate) return undefined;
  const { permits, forceCommand } = certificate;
  return { terminal: permits.terminal, ...(forceCommand !== undefined && { forceCommand }) };
}

interface CriticalOptions {
  sources?: AddressList;
  verificationRequired: boolean;
  forceCommand?: string;
  /** There is one that nobody here knows. */
  unknown: boolean;
}

/** @throws SshFormatError, RangeError an option has other data than it should */
function readCritical({ criticalOptions }: Certificate): CriticalOptions {
  const read: CriticalOptions = { verificationRequired: false, unknown: false };
  for (const [name, data] of criticalOptions) {
    if (name === 'source-address') read.sources = AddressList.of(readOptionText(data).split(','));
    else if (name === 'force-command') read.forceCommand = limited(readOptionText(data));
    else if (name === 'verify-required') read.verificationRequired = isFlag(data);
    else read.unknown = true;
  }
  return read;
}

const permits = ({ extensions }: Certificate, name: string): boolean => {
  const data = extensions.get(name);
  return data !== undefined && isFlag(data);
};

/** @throws RangeError a flag has data */
function isFlag(data: Buffer): true {
  if (data.length > 0) throw new RangeError('a flag of a certificate has no data');
  return true;
}

function limited(command: string): string {
  if (Buffer.byteLength(command) > FORCE_COMMAND_LIMIT_BYTES)
    throw new RangeError(`a command has at most ${FORCE_COMMAND_LIMIT_BYTES} bytes`);
  return command;
}
