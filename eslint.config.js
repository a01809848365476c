import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** Where each library of the outside world may be imported (style, section 4). Everything else is refused. */
const guarded = {
  ssh2: ['libs/ssh-wire/**', 'libs/testing/**', 'services/cloud-emulator/**'],
  '@alicloud/*': [
    'services/secret-broker/src/kms/*.alicloud.ts',
    'services/asset/src/**/*.alicloud.ts',
    'services/cloud-emulator/**/*.spec.ts',
    'services/cloud-emulator/src/sdk.suite.ts',
    'e2e/**',
  ],
  '@nats-io/*': ['libs/messaging/**', 'libs/testing/**', 'tools/**', 'e2e/**'],
  '@nestjs/microservices': ['libs/messaging/**'],
  '@nestjs/*': [
    '**/*.module.ts',
    '**/*.controller.ts',
    '**/main.ts',
    'services/asset/src/provide.ts',
    'libs/messaging/**',
    'services/api/**',
  ],
  typeorm: ['**/*.entity.ts', '**/*.typeorm.ts', '**/migrations/**', 'libs/postgres/**'],
  pg: ['libs/postgres/**', 'libs/testing/**', 'tools/**', 'e2e/**', '**/*.int.spec.ts'],
};
const names = Object.keys(guarded);
const banned = (list) => ({
  'no-restricted-imports': [
    'error',
    {
      patterns: list.map((n) => ({
        group: [n, `${n.replace('/*', '')}/**`],
        message: `${n} is only for: ${guarded[n].join(', ')}`,
      })),
    },
  ],
});
/**
 * Flat config replaces a rule whole and the last match wins, so each place gets the full list less what it, or a folder
 * around it, may import, and the places that are anywhere (`**`) come before those in a folder.
 */
const covers = (around, place) => around === place || (around.endsWith('/**') && place.startsWith(around.slice(0, -2)));
const places = [...new Set(Object.values(guarded).flat())].sort(
  (a, b) => Number(b.startsWith('**')) - Number(a.startsWith('**')),
);
const allowances = places.map((place) => ({
  files: [place],
  rules: banned(names.filter((n) => !guarded[n].some((around) => covers(around, place)))),
}));

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '.nx/**',
      '.sallyport/**',
      '**/*.js',
      '**/*.mjs',
      '**/vitest*.ts',
      'tools/vitest/**',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'read settings through libs/config' },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      // Nest modules are classes with a decorator and nothing inside.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // Nest's option types are classes that nobody makes instances of.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // Numbers read well in a message; everything else must be made text on purpose.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      ...banned(names),
      '@nx/enforce-module-boundaries': [
        'error',
        {
          banTransitiveDependencies: false,
          enforceBuildableLibDependency: false,
          allow: [],
          depConstraints: [
            { sourceTag: 'lib:contracts', onlyDependOnLibsWithTags: [], allowedExternalImports: ['zod', 'vitest'] },
            { sourceTag: 'lib:errors', onlyDependOnLibsWithTags: ['lib:contracts'] },
            { sourceTag: 'lib:secret', onlyDependOnLibsWithTags: [] },
            { sourceTag: 'lib:transparency', onlyDependOnLibsWithTags: [] },
            { sourceTag: 'lib:recording', onlyDependOnLibsWithTags: [] },
            { sourceTag: 'lib:addresses', onlyDependOnLibsWithTags: [] },
            { sourceTag: 'lib:config', onlyDependOnLibsWithTags: ['lib:secret'] },
            { sourceTag: 'lib:telemetry', onlyDependOnLibsWithTags: [] },
            { sourceTag: 'lib:sealing', onlyDependOnLibsWithTags: ['lib:secret', 'lib:errors'] },
            { sourceTag: 'lib:tokens', onlyDependOnLibsWithTags: ['lib:contracts', 'lib:errors'] },
            { sourceTag: 'lib:ssh-keys', onlyDependOnLibsWithTags: [] },
            { sourceTag: 'lib:ssh-wire', onlyDependOnLibsWithTags: ['lib:addresses', 'lib:ssh-keys', 'lib:testing'] },
            { sourceTag: 'lib:postgres', onlyDependOnLibsWithTags: ['lib:config', 'lib:secret', 'lib:testing'] },
            {
              sourceTag: 'lib:messaging',
              onlyDependOnLibsWithTags: [
                'lib:contracts',
                'lib:errors',
                'lib:secret',
                'lib:telemetry',
                'lib:tokens',
                'lib:testing',
              ],
            },
            { sourceTag: 'lib:testing', onlyDependOnLibsWithTags: ['lib:contracts'] },
            ...['api', 'asset', 'secret-broker', 'session', 'audit'].map((name) => ({
              sourceTag: `service:${name}`,
              onlyDependOnLibsWithTags: ['lib:*'],
            })),
            {
              sourceTag: 'service:cloud-emulator',
              onlyDependOnLibsWithTags: ['lib:config', 'lib:secret', 'lib:testing'],
            },
            {
              sourceTag: 'tools',
              onlyDependOnLibsWithTags: [
                'lib:contracts',
                'lib:testing',
                'lib:messaging',
                'lib:recording',
                'lib:transparency',
              ],
            },
            { sourceTag: 'e2e', onlyDependOnLibsWithTags: ['lib:*'] },
          ],
        },
      ],
    },
  },
  ...allowances,
  { files: ['libs/config/**', 'libs/testing/**', 'tools/**', 'e2e/**'], rules: { 'no-restricted-properties': 'off' } },
  prettier,
);
