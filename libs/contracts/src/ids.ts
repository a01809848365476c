import { z } from 'zod';

/** Ids are UUIDs made by the owning service; the brand keeps one kind from standing in for another. */
export const UserId = z.uuid().brand<'UserId'>();
export const HostId = z.uuid().brand<'HostId'>();
export const AccountId = z.uuid().brand<'AccountId'>();
export const AuthorizationId = z.uuid().brand<'AuthorizationId'>();
/** Of a group of users or a group of hosts. */
export const GroupId = z.uuid().brand<'GroupId'>();
export const PublicKeyId = z.uuid().brand<'PublicKeyId'>();
export const TicketId = z.uuid().brand<'TicketId'>();
export const CertificateAuthorityId = z.uuid().brand<'CertificateAuthorityId'>();
export const CertificateRevocationId = z.uuid().brand<'CertificateRevocationId'>();
/** One client connection that asked for one target: the unit of audit. */
export const SessionId = z.uuid().brand<'SessionId'>();
/** One receiver of audit events. */
export const SubscriptionId = z.uuid().brand<'SubscriptionId'>();
/** One permission to use one credential once (the JWT id of the grant). */
export const GrantId = z.uuid().brand<'GrantId'>();

export type UserId = z.infer<typeof UserId>;
export type HostId = z.infer<typeof HostId>;
export type AccountId = z.infer<typeof AccountId>;
export type AuthorizationId = z.infer<typeof AuthorizationId>;
export type GroupId = z.infer<typeof GroupId>;
export type PublicKeyId = z.infer<typeof PublicKeyId>;
export type TicketId = z.infer<typeof TicketId>;
export type CertificateAuthorityId = z.infer<typeof CertificateAuthorityId>;
export type CertificateRevocationId = z.infer<typeof CertificateRevocationId>;
export type SessionId = z.infer<typeof SessionId>;
export type SubscriptionId = z.infer<typeof SubscriptionId>;
export type GrantId = z.infer<typeof GrantId>;
