import { eventLine, hashChunk, headerLine } from '@sallyport/recording';
import { describe, expect, it } from 'vitest';
import { CheckRecording } from './check-recording.js';

const sallyport = { sessionId: '5a0c7a54-0000-4000-8000-000000000001', channel: 0 };
const chunks = [
  headerLine({ version: 2, width: 80, height: 24, timestamp: 1, sallyport }) + eventLine(1, 'o', 'one'),
  eventLine(2, 'o', 'two'),
  eventLine(3, 'o', 'three'),
].map((text) => Buffer.from(text));
const whole = Buffer.concat(chunks);
const event = (name: string, data: object) =>
  `{"sequence":1,"event":${JSON.stringify({ type: `io.sallyport.recording.${name}.v1`, data: { ...sallyport, ...data } })}}`;
const told = [
  event('extended', { firstChunk: 0, chunks: chunks.slice(0, 2).map(hashChunk) }),
  event('ended', { firstChunk: 2, chunks: chunks.slice(2).map(hashChunk) }),
  event('stored', hashChunk(whole)),
];

function check(recording: Buffer, lines = told): string {
  const checked = new CheckRecording(recording);
  for (const line of lines) checked.line(line);
  return checked.end();
}

describe('a recording beside an export', () => {
  it('F7: is as it was recorded, or has its wrong chunk named', () => {
    expect(check(whole)).toMatch(/3 chunks, as they were recorded$/);
    const changed = Buffer.from(whole.toString().replace('two', 'twp'));
    expect(() => check(changed)).toThrow(/chunk 2 was changed/);
    expect(() => check(Buffer.concat([chunks[0] ?? whole, chunks[2] ?? whole]))).toThrow(/chunk 2 is missing/);
    expect(() => check(whole.subarray(0, whole.length - 1))).toThrow(/chunk 3 is missing: the recording is cut/);
    expect(() => check(Buffer.from('{}'))).toThrow(/chunk 1 was changed/);
  });

  it('F7: is nothing that the log does not tell of, or tells of another session', () => {
    expect(() => check(whole, told.slice(0, 2))).toThrow(/no event of the recording/);
    const other = told.map((line) => line.replaceAll(sallyport.sessionId, '5a0c7a54-0000-4000-8000-000000000002'));
    expect(() => check(whole, other)).toThrow(/no event of the recording/);
  });
});
