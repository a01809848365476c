// Runs on the test host as root, where Cloud Assistant's plug-in would: sets what KMS made. One JSON object on stdin.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const { userName, subType, password, publicKey, previousPublicKey, otherKeys } = JSON.parse(readFileSync(0, 'utf8'));
if (subType === 'Password') {
  // A hash that costs little: a test is not there to heat the room.
  execFileSync('chpasswd', ['-c', 'SHA256'], { input: `${userName}:${password}\n` });
} else {
  const home = execFileSync('getent', ['passwd', userName]).toString().split(':')[5];
  const [folder, file] = [join(home, '.ssh'), join(home, '.ssh/authorized_keys')];
  execFileSync('install', ['-d', '-m', '700', '-o', userName, folder]);
  const others = readLines(file).filter((line) => line !== previousPublicKey?.trim());
  const kept = otherKeys === 'removed' ? [] : others;
  writeFileSync(file, [...kept, publicKey.trim(), ''].join('\n'), { mode: 0o600 });
  execFileSync('chown', [userName, file]);
}

function readLines(file) {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}
