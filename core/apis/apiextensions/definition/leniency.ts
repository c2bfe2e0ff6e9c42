/** What is not asked of an update, because the definition was accepted without it (ValidateCustomResourceDefinitionUpdate). */
export interface Leniency {
  /** A version may have no schema. */
  readonly schemas: boolean;
  readonly structure: boolean;
  readonly types: boolean;
  readonly prunedDefaults: boolean;
  readonly atomicSets: boolean;
  readonly mapKeys: boolean;
  readonly reviewVersions: boolean;
  readonly caBundle: boolean;
  /** The versions whose schemas are as they were: what their expressions cost is not asked again. */
  readonly sameSchemas: ReadonlySet<string>;
  /** The versions that may have more than there may be; '': all together. */
  readonly manySelectableFields: ReadonlySet<string>;
}
