// The page that shows what is kept, and the button that forgets it.

import { forget, read, recordLab } from "./progress.js";

export function start(table) {
  const status = table.querySelector("[role=status]");

  function show() {
    const kept = read();
    for (const cell of table.querySelectorAll("[data-quiz]")) {
      const quiz = kept.quizzes[cell.dataset.quiz];
      cell.textContent = quiz ? `${quiz.right.length} of ${quiz.of}` : "not begun";
    }
    for (const box of table.querySelectorAll("input[data-lab]")) {
      box.disabled = false;
      box.checked = kept.labs[box.dataset.lab] === true;
    }
  }

  for (const box of table.querySelectorAll("input[data-lab]")) {
    box.addEventListener("change", () => {
      const kept = recordLab(box.dataset.lab, box.checked);
      status.textContent = kept ? "Kept in this browser." : "This browser keeps nothing for pages.";
    });
  }
  const button = table.querySelector("button");
  button.disabled = false;
  button.addEventListener("click", () => {
    forget();
    show();
    status.textContent = "Forgotten.";
  });
  // Another page keeps an answer while this one stands open, or is left to come back to.
  for (const moment of ["storage", "pageshow"]) globalThis.addEventListener(moment, show);
  show();
}

for (const table of globalThis.document?.querySelectorAll(".xk-progress") ?? []) start(table);
