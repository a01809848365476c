import { randomBytes } from 'node:crypto';
import { mkdir, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, tempDir, testSize } from '@sallyport/testing';
import { expect } from 'vitest';
import type { FileTools } from './file-story.js';

/** Moved by each tool in each direction: 12 MiB, or as many bytes as SALLYPORT_TEST_BULK_BYTES says (5000000000 for all of D6). */
export const BULK_BYTES = testSize('BULK_BYTES', 12 * 1024 * 1024);
/** 300, or SALLYPORT_TEST_SMALL_FILES (100000 for all of D11). */
export const SMALL_FILES = testSize('SMALL_FILES', 300);
export const BULK_TIMEOUT_MS = 240_000 + BULK_BYTES / 1_000 + SMALL_FILES * 60;
export const long = { timeoutMs: BULK_TIMEOUT_MS };

export const tools = ['sftp', 'scp', 'scp -O', 'rsync', 'cat'] as const;
export type Tool = (typeof tools)[number];

/** Puts a file at the target, through the bastion, and expects that it works without a word. */
export async function moveUp(story: FileTools, tool: Tool, file: string, name: string): Promise<void> {
  const to = story.destination('bastion');
  switch (tool) {
    case 'sftp':
      return expectOk(story.sftp('bastion', [`put ${file} "${name}"`], long));
    case 'scp':
    case 'scp -O':
      return expectOk(
        story.tool('scp', 'bastion', [...(tool === 'scp' ? [] : ['-O']), file, `${to}:/home/ops/${name}`], long),
      );
    case 'rsync':
      return rsync(story, file, `${to}:${name}`);
    case 'cat':
      await mustShell(`ssh ${story.options('bastion').join(' ')} ${to} 'cat >"${name}"' <${file}`);
  }
}

/** Gets it back. */
export async function moveDown(story: FileTools, tool: Tool, name: string, file: string): Promise<void> {
  const from = story.destination('bastion');
  switch (tool) {
    case 'sftp':
      return expectOk(story.sftp('bastion', [`get "${name}" "${file}"`], long));
    case 'scp':
    case 'scp -O':
      return expectOk(
        story.tool('scp', 'bastion', [...(tool === 'scp' ? [] : ['-O']), `${from}:/home/ops/${name}`, file], long),
      );
    case 'rsync':
      return rsync(story, `${from}:${name}`, file);
    case 'cat':
      await mustShell(`ssh ${story.options('bastion').join(' ')} ${from} 'cat "${name}"' >${file}`);
  }
}

async function rsync(story: FileTools, from: string, to: string): Promise<void> {
  const { program, env } = story.rsync;
  const ssh = ['ssh', ...story.options('bastion')].join(' ');
  await expectOk(run(program, ['-a', '-e', ssh, from, to], { env, ...long }));
}

export async function expectOk(running: ReturnType<typeof run>): Promise<void> {
  const { code, stderr } = await running;
  expect([code, stderr]).toEqual([0, '']);
}

/** What a shell command here prints; it must work without a word. */
export async function mustShell(command: string): Promise<string> {
  const { code, stdout, stderr } = await run('sh', ['-c', command], long);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

/** A folder with what trees have: spaces, quotes, an empty folder, an empty file, links, modes and times. */
export async function makeTree(): Promise<string> {
  const tree = join(tempDir(), 'tree with space');
  await mkdir(join(tree, 'sub dir/deep'), { recursive: true });
  await mkdir(join(tree, 'empty'));
  await writeFile(join(tree, 'file with space'), 'content');
  await writeFile(join(tree, 'it\'s "quoted"'), randomBytes(70_000));
  await writeFile(join(tree, 'sub dir/deep/zero'), '');
  await symlink('file with space', join(tree, 'link'));
  await mustShell(`chmod 640 '${tree}/file with space'; truncate -s 1M '${tree}/sparse'`);
  await utimes(join(tree, 'file with space'), 1_000_000_000, 1_100_000_000);
  await rename(join(tree, 'sparse'), join(tree, 'sub dir/sparse'));
  return tree;
}

/** Names, modes, sizes, times if they count, and checksums below a folder. */
export function listTree(folder: string, times: boolean): string {
  const format = `%P %m %s${times ? ' %Ts' : ''}\\n`;
  return `cd '${folder}'; find . ! -name . ! -type d -printf '${format}' | sort; find . -type d | sort; find . -type f | sort | tr '\\n' '\\0' | xargs -0 sha256sum`;
}
