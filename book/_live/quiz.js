// Make a quiz answer: one choice at a time, with the reason for it.

import { make } from "./dom.js";
import { read, recordAnswer } from "./progress.js";

function answerWhenAsked(question, onRight) {
  const fields = question.querySelector("fieldset");
  const buttons = [...fields.querySelectorAll("input")];
  const reasons = [...question.querySelectorAll(".xk-answer li")];
  const all = question.querySelector(".xk-answer");
  const said = make("div", { class: "xk-feedback", role: "status" });
  const check = make("button", { type: "button", class: "xk-button" }, "Check");

  function show() {
    const chosen = buttons.findIndex((button) => button.checked);
    if (chosen < 0) {
      said.textContent = "Choose one of the answers first.";
      return;
    }
    const right = reasons[chosen].dataset.right === "yes";
    const reason = reasons[chosen].querySelector(".xk-reason").cloneNode(true);
    said.replaceChildren(make("strong", {}, right ? "Right. " : "Not this one. "), reason);
    said.dataset.right = reasons[chosen].dataset.right;
    if (right) {
      all.hidden = false;
      all.querySelector("summary").textContent = "The reasons for all answers";
      onRight();
    }
  }

  all.hidden = true;
  check.addEventListener("click", show);
  fields.append(check, said);
}

export function start(quiz) {
  const questions = [...quiz.querySelectorAll(".xk-question")];
  const name = quiz.dataset.quiz;
  const status = make("p", { class: "xk-quiz-status", role: "status" });

  function count() {
    const right = read().quizzes[name]?.right ?? [];
    const done = questions.filter((q) => right.includes(q.dataset.question)).length;
    status.textContent = done
      ? `${done} of ${questions.length} answered right. Kept in this browser only.`
      : "";
  }

  for (const question of questions) {
    answerWhenAsked(question, () => {
      recordAnswer(name, question.dataset.question, questions.length);
      count();
    });
  }
  quiz.append(status);
  count();
}

for (const quiz of globalThis.document?.querySelectorAll(".xk-quiz") ?? []) start(quiz);
