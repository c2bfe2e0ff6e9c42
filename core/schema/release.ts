import facts from './facts/release.json' with { type: 'json' };

const { major, minor, patch } = facts;

/** The release of Kubernetes that is spoken here: its types, its rules, its words. docs/kubernetes-release.md says how to come to the next one. */
export const release = { major, minor, version: `v${major}.${minor}.${patch}` };
