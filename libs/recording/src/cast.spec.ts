import { describe, expect, it } from 'vitest';
import { bytesOf, CastError, eventLine, headerLine, pieceLines, readEvent, readHeader } from './cast.js';
import { Utf8Pieces } from './utf8-pieces.js';

describe('an asciicast', () => {
  it('has a header and events as the format says', () => {
    const header = { version: 2, width: 80, height: 24, timestamp: 1_700_000_000 } as const;
    expect(readHeader(headerLine(header))).toEqual(header);
    expect(eventLine(1_234.5678, 'o', 'a"\r\n\u001b[0m')).toBe('[1.234568,"o","a\\"\\r\\n\\u001b[0m"]\n');
    expect(readEvent('[0.5,"r","100x30"]')).toEqual({ seconds: 0.5, code: 'r', data: '100x30' });
    expect(readEvent('[0.5,"z","of a later version"]')).toBeUndefined();
  });

  it('D15: gives back the very bytes of another encoding', () => {
    const gbk = Buffer.from('c4e3bac3', 'hex');
    const shown = [Buffer.from('ä: '), gbk, Buffer.from('!')];
    const stream = new Utf8Pieces();
    const lines = shown
      .flatMap((bytes) => stream.push(bytes) ?? [])
      .flatMap((piece) => pieceLines(0, 'o', piece).trimEnd().split('\n'));
    lines.push(eventLine(0, 'i', 'typed'));
    expect(Buffer.concat([...bytesOf(lines, 'o')])).toEqual(Buffer.concat(shown));
    expect(Buffer.concat([...bytesOf(lines, 'i')]).toString()).toBe('typed');
  });

  it.each(['', '{}', '{"version":1}', 'null'])('does not begin with %j', (line) => {
    expect(() => readHeader(line)).toThrow(CastError);
  });

  it.each(['', '{}', '[1,"o"]', '["1","o","x"]', '[1,"o",2]'])('has no event %j', (line) => {
    expect(() => readEvent(line)).toThrow(CastError);
  });
});
