/** A constructor that returns an object gives the fields of the classes that extend it to that one. */
export class Given {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is what it is for
    return object;
  }
}
