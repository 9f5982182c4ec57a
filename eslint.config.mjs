// Lint: typescript-eslint's strict type-checked rules, and the house's own bans.
import tseslint from 'typescript-eslint';

const noBareError = {
  selector: "NewExpression[callee.name='Error']",
  message: 'Throw a typed error with a code (core/error.ts), or TypeError for a programmer mistake.',
};

export default tseslint.config(
  { ignores: ['dist/', 'build/', 'node_modules/', 'coverage/', '**/*.gen.ts'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      'no-control-regex': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/core/**/*.ts', 'src/server/**/*.ts', 'src/agent/**/*.ts', 'src/simulator/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', noBareError] },
  },
  {
    files: ['src/core/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'fetch', 'console', 'setTimeout', 'setInterval', 'setImmediate'],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time is an argument to the core.' },
        { object: 'Math', property: 'random', message: 'Randomness is an argument to the core.' },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'lab/**/*.ts', 'scripts/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
