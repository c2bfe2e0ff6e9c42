/** Stages that any deployer may remove, with all that is in them. Every other stage is kept: to remove it, put its name here first (docs/deploy.md, "Remove it"). */
const disposable: readonly string[] = ['dev', 'test'];

/** Also those of a branch or a pull request: `dev-…`, `test-…`, `pr-…`. */
const disposablePrefixes = /^(dev|test|pr)-/;

export const isDisposable = (stage: string): boolean => disposable.includes(stage) || disposablePrefixes.test(stage);
