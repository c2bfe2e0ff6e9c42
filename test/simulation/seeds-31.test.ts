import { seeds } from './seeds.ts';

seeds(31, 60);
