/** Message numbers that we handle ourselves (RFC 4250 section 4.1.2, RFC 8308 section 2.3). */
export const Message = {
  disconnect: 1,
  ignore: 2,
  unimplemented: 3,
  serviceRequest: 5,
  serviceAccept: 6,
  extInfo: 7,
  userauthRequest: 50,
  userauthFailure: 51,
  userauthSuccess: 52,
  userauthBanner: 53,
  /** RFC 4252 section 7, only after a public key without signature. */
  userauthKeyOk: 60,
  /** RFC 4252 section 8, only after a password. */
  userauthPasswordExpired: 60,
  /** RFC 4256 section 3.2, only in keyboard-interactive. */
  userauthInfoRequest: 60,
  userauthInfoResponse: 61,
  globalRequest: 80,
  requestSuccess: 81,
  requestFailure: 82,
  channelOpen: 90,
  channelOpenConfirmation: 91,
  channelOpenFailure: 92,
  channelWindowAdjust: 93,
  channelData: 94,
  channelExtendedData: 95,
  channelEof: 96,
  channelClose: 97,
  channelRequest: 98,
  channelSuccess: 99,
  channelFailure: 100,
  /** OpenSSH, PROTOCOL section 1.10: `string data`, answered with the same data. */
  ping: 192,
  pong: 193,
} as const;

/** RFC 4253 section 11.1 */
export const DisconnectReason = {
  protocolError: 2,
  serviceNotAvailable: 7,
  hostKeyNotVerifiable: 9,
  byApplication: 11,
  tooManyConnections: 12,
  noMoreAuthMethods: 14,
} as const;
export type DisconnectReason = (typeof DisconnectReason)[keyof typeof DisconnectReason];
