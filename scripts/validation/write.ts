import { writeFileSync } from 'node:fs';
import { validationPage } from './page.ts';

/** `npm run validation`: writes docs/validation.md anew. */
writeFileSync(new URL('../../docs/validation.md', import.meta.url), validationPage());
