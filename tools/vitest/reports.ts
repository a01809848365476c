/** What a person reads, and for `npm test`, which adds up all projects, a report in the project's `.reports` folder. */
export function reporters(phase: 'unit' | 'int' | 'e2e'): ('default' | ['json', { outputFile: string }])[] {
  return ['default', ['json', { outputFile: `.reports/${phase}.json` }]];
}
