/** What flows on a channel towards us, and in which pieces. */
export interface FlowOptions {
  /** What a peer may send on a channel before we have dealt with it; throughput is at most this per round trip. 2 MiB unless told. */
  windowBytes?: number;
  /** Most data in one message that we take, and send where the peer takes it; 32 KiB unless told, and at most PACKET_LIMIT_BYTES. */
  packetBytes?: number;
}

/**
 * With its head and its padding it fits into a packet of 256 KiB, the longest that we (`tools/patches`) and OpenSSH take, whatever
 * a peer says of a channel.
 */
export const PACKET_LIMIT_BYTES = 255 * 1024;

/** What every peer must support (RFC 4253 section 6.1). */
const USUAL_PACKET_BYTES = 32_768;

export function flowOf({ windowBytes, packetBytes }: FlowOptions): Required<FlowOptions> {
  return {
    windowBytes: windowBytes ?? 2 * 1024 * 1024,
    packetBytes: Math.min(packetBytes ?? USUAL_PACKET_BYTES, PACKET_LIMIT_BYTES),
  };
}
