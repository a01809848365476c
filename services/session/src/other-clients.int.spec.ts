import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProtocolPolicy } from '@sallyport/contracts';
import { otherClients, run, tempDir } from '@sallyport/testing';
import type { RunResult } from '@sallyport/testing';
import { beforeAll, expect, it } from 'vitest';
import { describeStory } from './testing/story.js';

/** Files that appear in /usr of the host, where the clients run; the network is the same. */
const addToUsr = await otherClients().catch((error: unknown) => new Error(`no other clients: ${String(error)}`));
const skipped = addToUsr instanceof Error ? ` (skipped: ${addToUsr.message})` : '';

describeStory(
  `clients that are not OpenSSH${skipped}`,
  (story) => {
    const test = it.skipIf(skipped !== '');
    const work = tempDir(0o755);
    const key = join(work, 'key');
    let hostKey: string;
    beforeAll(async () => {
      await writeFile(key, story.userKey.privateKey, { mode: 0o600 });
      const scan = `ssh-keyscan -T 60 -t ed25519 -p ${story.bastion.port} 127.0.0.1 2>/dev/null | ssh-keygen -lf -`;
      hostKey = (await run('sh', ['-c', scan])).stdout.split(' ')[1] ?? '';
      await writeFile(join(work, 'up'), Buffer.alloc(300_000, 'x'));
    });
    const sh = (command: string, input = ''): Promise<RunResult> =>
      story.host.run(`cd ${work}; ${command}`, { input, timeoutMs: 90_000 });
    const user = 'alice+ops+web-1@127.0.0.1';
    const putty = (): string => `-batch -P ${story.bastion.port} -hostkey ${hostKey}`;

    test('A1, D1: PuTTY: a command with key and password, files by psftp and pscp, old and new', async () => {
      expect(await sh('puttygen key -O private -o key.ppk')).toMatchObject({ code: 0 });
      const plink = await sh(`plink ${putty()} -i key.ppk ${user} 'cat; echo err >&2; exit 3'`, 'in');
      expect(plink).toMatchObject({ code: 3, stdout: 'in', stderr: expect.stringContaining('err\n') as string });
      const password = await sh(`plink ${putty()} -pw '${story.bastion.asset.password}' ${user} id -un`);
      expect(password).toMatchObject({ code: 0, stdout: 'ops\n' });
      await writeFile(join(work, 'batch'), 'put up a\nmv a b\nget b down\nrm b\nmkdir d\nrmdir d\n');
      expect(await sh(`psftp ${putty()} -i key.ppk -b batch ${user} && cmp up down`)).toMatchObject({ code: 0 });
      for (const protocol of ['-sftp', '-scp']) {
        const there = `${user}:by${protocol}`;
        const copies = `pscp -q ${protocol} ${putty()} -i key.ppk up ${there} && pscp -q ${protocol} ${putty()} -i key.ppk ${there} down`;
        expect(await sh(`rm -f down; ${copies} && cmp up down`)).toMatchObject({ code: 0 });
      }
    });

    test('A7: PuTTY: is asked for password and code, one after the other, and shows neither', async () => {
      story.bastion.asset.code = '424242';
      const { password } = story.bastion.asset;
      const client = `plink -no-antispoof -P ${story.bastion.port} -hostkey ${hostKey} ${user} "echo in"`;
      const typed = `until grep -q Password: seen; do sleep 0.05; done; echo '${password}'
        until grep -q code: seen; do sleep 0.05; done; echo 424242
        until grep -q '^in' seen; do sleep 0.05; done`;
      const { code, stdout } = await sh(`touch seen; (${typed}) | script -qefc '${client}' seen`);
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^in$/m)]);
      for (const secret of [password, '424242']) expect(stdout).not.toContain(secret);
    });

    test('A1, D1: Dropbear: a command, its exit, and a terminal', async () => {
      expect(await sh('dropbearconvert openssh dropbear key key.db')).toMatchObject({ code: 0 });
      const client = `dbclient -y -y -p ${story.bastion.port} -i key.db`;
      expect(await sh(`${client} ${user} 'cat; exit 3'`, 'in')).toMatchObject({ code: 3, stdout: 'in' });
      // Within a terminal of its own, as it has none here.
      expect((await sh(`script -qec "${client} -t ${user} tty" /dev/null </dev/null`)).stdout).toContain('/dev/pts/');
    });

    test('A1, A2: curl with libssh2, the user name in an address', async () => {
      const url = `sftp://${user}:${story.bastion.port}/home/ops/by-curl`;
      const curl = `curl -sSk --key key --pubkey key.pub`;
      expect(await sh('ssh-keygen -yf key >key.pub')).toMatchObject({ code: 0 });
      const both = `${curl} -T up '${url}' && ${curl} -o down '${url}' && cmp up down`;
      expect(await sh(`rm -f down; ${both}`)).toMatchObject({ code: 0, stderr: '' });
    });

    test('A1, D1: paramiko: a command, files, and a terminal', async () => {
      const script = `
import paramiko
client = paramiko.SSHClient()
client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
client.connect('127.0.0.1', ${story.bastion.port}, 'alice@ops@web-1', key_filename='key', look_for_keys=False, allow_agent=False)
_, out, _ = client.exec_command('head -c 100000 /dev/zero; exit 3')
assert len(out.read()) == 100000 and out.channel.recv_exit_status() == 3
sftp = client.open_sftp()
sftp.put('up', 'by-paramiko')
sftp.symlink('by-paramiko', 'link')
assert sftp.readlink('link') == 'by-paramiko'
sftp.get('link', 'down')
sftp.remove('link')
_, out, _ = client.exec_command('stty size', get_pty=True)
assert out.read().split() == [b'24', b'80']
print('good')
`;
      expect(await sh('rm -f down; /usr/bin/python3 - && cmp up down', script)).toMatchObject({
        code: 0,
        stdout: 'good\n',
      });
    });

    test('A1, D17: asyncssh: commands side by side, links the right way round, a connection through the target', async () => {
      story.bastion.asset.policy = ProtocolPolicy.parse({ localForward: true });
      const script = `
import asyncio, asyncssh
async def main():
    async with asyncssh.connect('127.0.0.1', ${story.bastion.port}, username='alice@ops@web-1', client_keys=['key'], known_hosts=None, config=None) as c:
        runs = await asyncio.gather(*(c.run(f'exit {i}') for i in range(8)))
        assert [r.exit_status for r in runs] == list(range(8))
        async with c.start_sftp_client() as sftp:
            await sftp.put('up', 'by-asyncssh')
            await sftp.symlink('by-asyncssh', 'link-of-asyncssh')
            assert await sftp.readlink('link-of-asyncssh') == 'by-asyncssh'
        reader, writer = await c.open_connection('127.0.0.1', ${story.host.port})
        assert (await reader.readline()).startswith(b'SSH-2.0-')
        writer.close()
    print('good')
asyncio.run(main())
`;
      expect(await sh('/usr/bin/python3 -', script)).toMatchObject({ code: 0, stdout: 'good\n' });
    });

    test('A1: Ansible, with and without pipelining', async () => {
      const options = '-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes';
      const variables = {
        ansible_host: '127.0.0.1',
        ansible_port: story.bastion.port,
        ansible_user: 'alice@ops@web-1',
        ansible_ssh_private_key_file: join(work, 'key'),
        ansible_ssh_common_args: options,
        ansible_python_interpreter: '/usr/bin/python3',
      };
      await writeFile(join(work, 'hosts.json'), JSON.stringify({ all: { hosts: { web: variables } } }));
      for (const pipelining of ['True', 'False']) {
        const run = `ANSIBLE_PIPELINING=${pipelining} /usr/bin/python3 /usr/bin/ansible -i hosts.json web`;
        const copy = await sh(`${run} -m copy -a 'src=up dest=/home/ops/by-ansible-${pipelining}'`);
        expect(copy).toMatchObject({ code: 0, stdout: expect.stringContaining('CHANGED') as string });
      }
      expect(await sh('cmp up /home/ops/by-ansible-True && cmp up /home/ops/by-ansible-False')).toMatchObject({
        code: 0,
      });
    });
  },
  addToUsr instanceof Error ? {} : { addToUsr },
);
