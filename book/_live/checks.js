// Escape hides the card of a check that is only pointed at or focused; a pressed one is the
// browser's to close. Cards open and close without this.

globalThis.document?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const end of document.querySelectorAll(".xk-end:is(:hover, :focus-within)")) {
    end.classList.add("xk-dismissed");
    for (const gone of ["pointerleave", "focusout"]) {
      end.addEventListener(gone, () => end.classList.remove("xk-dismissed"), { once: true });
    }
  }
});
