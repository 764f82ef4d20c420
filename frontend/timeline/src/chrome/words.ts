/** The editor's words, where its React parts look for them. */
export { phrase, say, sayCount, translated, within } from "../words";
