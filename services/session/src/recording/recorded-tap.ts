import type { ChannelTap } from '../relay/channel-tap.js';
import type { Recorder } from './channel-recorder.js';

/** Records what passes another tap. Data goes on at once, unless the stream of recordings has fallen behind. */
export function recordedTap(recorder: Pick<Recorder, 'input' | 'output'>, tap: ChannelTap): ChannelTap {
  return {
    up: (bytes) => recorder.input(bytes)?.then(() => tap.up(bytes)) ?? tap.up(bytes),
    down: (bytes) => recorder.output(bytes)?.then(() => tap.down(bytes)) ?? tap.down(bytes),
    stderr: (bytes) => recorder.output(bytes),
    ended: (way) => {
      tap.ended(way);
    },
    end: () => {
      tap.end();
    },
  };
}
