/** A schema of OpenAPI v3. */
export type Schema = Readonly<Record<string, unknown>>;
