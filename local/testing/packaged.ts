// What the package exports: an older Node gets what it lacks before anything else is loaded.
if (!('union' in Set.prototype)) await import('../older-node/language.ts');
export const { startCluster } = await import('./testing.ts');
