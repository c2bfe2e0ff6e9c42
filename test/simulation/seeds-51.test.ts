import { seeds } from './seeds.ts';

seeds(51, 100);
