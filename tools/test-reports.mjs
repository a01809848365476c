// @ts-check
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { root } from './command.mjs';

/** Each project's Vitest writes `.reports/PHASE.json`; Nx keeps it with the result, so that a cached run counts as well. */
async function reportFolders() {
  const groups = await Promise.all(
    ['libs', 'services'].map(async (group) =>
      (await readdir(join(root, group))).map((name) => join(root, group, name)),
    ),
  );
  return [...groups.flat(), join(root, 'tools'), join(root, 'e2e')].map((project) => join(project, '.reports'));
}

export async function removeReports() {
  for (const folder of await reportFolders()) await rm(folder, { recursive: true, force: true });
}

/**
 * The sum over all reports.
 * @returns {Promise<{ passed: number, failed: number, skipped: number, failedNames: string[], skippedNames: string[] }>}
 */
export async function countTests() {
  const sum = { passed: 0, failed: 0, skipped: 0, failedNames: [], skippedNames: [] };
  for (const folder of await reportFolders()) {
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
    for (const name of names) addReport(sum, JSON.parse(await readFile(join(folder, name), 'utf8')));
  }
  return sum;
}

/**
 * @param {{ passed: number, failed: number, skipped: number, failedNames: string[], skippedNames: string[] }} sum
 * @param {{ testResults: { name: string, status: string, assertionResults: { status: string, fullName: string, failureMessages?: string[] }[] }[] }} report
 *   Vitest's JSON, which has the shape of Jest's
 */
export function addReport(sum, { testResults }) {
  for (const file of testResults) {
    const path = relative(root, file.name);
    for (const { status, fullName, failureMessages } of file.assertionResults) {
      const title = `${path}: ${fullName}`;
      if (status === 'passed') sum.passed += 1;
      else if (status === 'failed') {
        sum.failed += 1;
        sum.failedNames.push([title, ...(failureMessages ?? []).map(firstLines)].join('\n'));
      } else {
        sum.skipped += 1;
        sum.skippedNames.push(title);
      }
    }
    // A file that cannot be loaded, or whose set-up fails, has no failed test.
    if (file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed')) {
      sum.failed += 1;
      sum.failedNames.push(path);
    }
  }
}

/** @param {string} message with a stack */
function firstLines(message) {
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  return lines
    .slice(0, 12)
    .map((line) => `    ${line.slice(0, 500)}`)
    .join('\n');
}
