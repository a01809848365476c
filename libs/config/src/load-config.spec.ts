import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, loadConfig, port, secretText } from './load-config.js';

const schema = z.object({ PORT: port(), PASSWORD: secretText(), NAME: z.string().default('x') });

describe('loadConfig', () => {
  it('reads values and files, and fills in defaults', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'password');
    writeFileSync(file, 'hunter2\n');
    const config = loadConfig(schema, { PORT: '22', PASSWORD_FILE: file });
    expect(config.PORT).toBe(22);
    expect(config.PASSWORD.expose()).toBe('hunter2');
    expect(config.NAME).toBe('x');
  });

  it('names every wrong setting and shows no value', () => {
    const message = (() => {
      try {
        loadConfig(schema, { PORT: 'sesame', PASSWORD_FILE: '/nonexistent/file' });
        return '';
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
        return (error as Error).message;
      }
    })();
    expect(message).toContain('PORT');
    expect(message).toContain('PASSWORD_FILE cannot be read (ENOENT)');
    expect(message).not.toContain('sesame');
  });

  it('refuses a value that is given twice', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'password');
    writeFileSync(file, 'a');
    expect(() => loadConfig(schema, { PORT: '1', PASSWORD: 'b', PASSWORD_FILE: file })).toThrow('both given');
  });

  it('does not replace a bad number by a default', () => {
    expect(() => loadConfig(schema, { PORT: '70000', PASSWORD: 'a' })).toThrow(/PORT/);
  });
});
