import { seeds } from './seeds.ts';

seeds(6, 10);
