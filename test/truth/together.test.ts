import { expectTruth } from './truth.ts';

expectTruth('together');
