// What the reader has done, kept in this browser and nowhere else.

const KEY = "xk-progress";
const NOTHING = { quizzes: {}, labs: {} };

function isPlain(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function isOurs(kept) {
  return isPlain(kept) && isPlain(kept.labs) && isPlain(kept.quizzes)
    && Object.values(kept.quizzes).every((quiz) => Array.isArray(quiz?.right));
}

// Where a browser keeps nothing for pages, already the asking for its storage may fail.
const orOwn = (storage) => storage ?? globalThis.localStorage;

/** Read what is kept; anything else than our own form counts as nothing. */
export function read(storage) {
  try {
    const kept = JSON.parse(orOwn(storage).getItem(KEY));
    if (isOurs(kept)) return kept;
  } catch {
    // Storage that is switched off, or text that is not ours.
  }
  return structuredClone(NOTHING);
}

/** Keep a change; returns whether the browser took it. */
function write(progress, storage) {
  try {
    orOwn(storage).setItem(KEY, JSON.stringify(progress));
    return true;
  } catch {
    return false;
  }
}

/** Keep that a question of a quiz was answered right, out of so many. */
export function recordAnswer(quiz, question, of, storage) {
  const progress = read(storage);
  const right = new Set(progress.quizzes[quiz]?.right ?? []);
  right.add(question);
  progress.quizzes[quiz] = { right: [...right].sort(), of };
  return write(progress, storage);
}

/** Keep that a lab is done, or that it is not. */
export function recordLab(lab, done, storage) {
  const progress = read(storage);
  if (done) progress.labs[lab] = true;
  else delete progress.labs[lab];
  return write(progress, storage);
}

export function forget(storage) {
  try {
    orOwn(storage).removeItem(KEY);
  } catch {
    // There is nothing kept where storage is switched off.
  }
}
