"""The kinds of NumPy arrays that functions of this package take and return."""

import numpy as np
import numpy.typing as npt

#: Real numbers: abilities, scores, probabilities.
Array = npt.NDArray[np.float64]
#: Places in another array, and whole counts.
Index = npt.NDArray[np.intp]
#: Yes or no, entry by entry.
Flags = npt.NDArray[np.bool_]
