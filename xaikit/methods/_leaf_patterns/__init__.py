"""Which conditions of a path rows satisfy, and what that gives each player: compiled by numba.

A path from the root has some distinct players, and a row a *pattern*: for each of them, whether
it satisfies all the conditions that the path puts on it. Rows of one pattern are one *group*.
A coalition takes its own players from the explained row and the others from a background row;
it comes down the path where the first satisfy the row's part and the others the background's.
So a row's group and a background group matter to each other where every player is satisfied in
one of them: such a *pair* is kept, from the root to the leaves, and nothing else is looked at.

In a leaf of value v the players whom the background fails (A, in number a) must be in the
coalition, and those whom the row fails (B, in number b) must be out. The Shapley value of
that game is v (a-1)! b! / (a+b)! for each of A and -v a! (b-1)! / (a+b)! for each of B.
"""
