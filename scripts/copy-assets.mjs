// Copies what tsc leaves behind (SQL, data tables) from src to dist, and makes the CLI executable.
import { chmodSync, cpSync, existsSync } from 'node:fs';

cpSync('src', 'dist', { recursive: true, filter: (source) => !source.endsWith('.ts') });
if (existsSync('dist/cli/main.js')) chmodSync('dist/cli/main.js', 0o755);
