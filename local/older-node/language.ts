// What the program uses of the language and a Node before 22 does not have. Loaded there before all else.
import 'core-js/actual/iterator/index.js';
// The digits of a number, which core/kube/json.ts asks for where there are many.
import 'core-js/actual/json/parse.js';
import 'core-js/actual/map/group-by.js';
import 'core-js/actual/object/group-by.js';
import 'core-js/actual/promise/with-resolvers.js';
import 'core-js/actual/set/index.js';
