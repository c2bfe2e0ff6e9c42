/** Where Kubernetes is not followed, and why. */
export const differences: Readonly<Record<string, string>> = {
  '[1, 2].sortBy(x, 1 / 0)': "cel-go falls over the error among the keys, and tells what Go says of that. Here it is the error itself: 'division by zero'.",
};
