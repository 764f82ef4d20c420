/** The editor's words, where its React parts look for them. */
export { phrase, reworded, say, sayCount, translated, within } from "../words";
