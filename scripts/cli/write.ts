import { readFileSync, writeFileSync } from 'node:fs';
import { cliPage } from './page.ts';

/** `npm run cli-page`: writes docs/cli.md anew. */
writeFileSync(new URL('../../docs/cli.md', import.meta.url), cliPage(readFileSync(new URL('intro.md', import.meta.url), 'utf8')));
