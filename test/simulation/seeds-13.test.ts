import { seeds } from './seeds.ts';

seeds(13, 24);
