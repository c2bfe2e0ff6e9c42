import { expectTruth } from './truth.ts';

expectTruth('alone');
